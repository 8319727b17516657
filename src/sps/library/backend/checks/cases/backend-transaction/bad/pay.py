def pay(session, order, amount):
    session.add(Payment(order=order.id, amount=amount))
    session.commit()
    order.state = "paid"
    session.commit()
