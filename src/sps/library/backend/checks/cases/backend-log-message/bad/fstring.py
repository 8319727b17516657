def created(logger, order):
    logger.info(f"order {order.id} created")
