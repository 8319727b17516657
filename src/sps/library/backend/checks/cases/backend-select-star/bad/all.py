def user(cur, user_id):
    cur.execute("SELECT * FROM users WHERE id = %s", (user_id,))
