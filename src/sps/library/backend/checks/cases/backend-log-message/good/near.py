def near(logger, log, order):
    logger.info("order %s created", order.id)
    log.write(f"{order}")
    print(f"{order}")
    logger.info(f"order created")
