def both(cur):
    cur.execute("PREPARE TRANSACTION 'order-1'")
