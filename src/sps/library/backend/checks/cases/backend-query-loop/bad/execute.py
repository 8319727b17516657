def names(session, orders):
    out = []
    for order in orders:
        row = session.execute(select(User).where(User.id == order.user_id)).one()
        out.append(row.name)
    return out
