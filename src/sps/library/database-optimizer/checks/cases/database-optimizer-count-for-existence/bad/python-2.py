if session.query(Order).filter_by(open=True).count():
    ship()
