def open_orders(session):
    return session.query(Order).filter(Order.closed_at == None, or_(Order.a != None, Order.b == 1))
