def price(order):
    try:
        return table[order.sku]
    except KeyError as err:
        logger.error("price failed: %s", err)
        raise
