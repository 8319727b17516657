def pay(order, log, table):
    log.info("paid", extra={"order_id": order.id})
    table.print()
    pprint(order)
