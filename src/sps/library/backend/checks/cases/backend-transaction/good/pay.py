def pay(session, order, amount):
    with session.begin():
        session.add(Payment(order=order.id, amount=amount))
        order.state = "paid"
