def user(cur, user_id):
    cur.execute("SELECT id, name FROM users WHERE id = %s", (user_id,))
