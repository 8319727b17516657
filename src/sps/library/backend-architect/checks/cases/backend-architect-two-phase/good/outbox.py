def place(session, order):
    with session.begin():
        session.add(order)
        session.add(Outbox(kind="order-placed", payload=order.id))
