def price(order):
    try:
        return table[order.sku]
    except KeyError as err:
        raise PriceMissing(order.sku) from err
