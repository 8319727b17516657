def names(session, ids):
    out = []
    for key in ids:
        if key:
            out.append(session.execute(select(User).where(User.id == key)).scalar_one())
    return out
