def users(session):
    return session.execute(text("select u.* from users u"))
