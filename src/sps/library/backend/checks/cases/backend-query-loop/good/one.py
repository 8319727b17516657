def names(session, orders):
    ids = [order.user_id for order in orders]
    rows = session.execute(select(User).where(User.id.in_(ids)))
    return [row.name for row in rows]
