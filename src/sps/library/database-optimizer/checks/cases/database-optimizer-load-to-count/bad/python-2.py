n = len(session.query(Order).filter(Order.open).all())
