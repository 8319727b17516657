def created(logger, order):
    logger.info("order created", extra={"order_id": order.id, "title": f"{order.title}!"})
