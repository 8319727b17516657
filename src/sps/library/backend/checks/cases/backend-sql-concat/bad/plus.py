def user(session, text, user_id):
    return session.execute("SELECT name FROM users WHERE id = " + user_id)
