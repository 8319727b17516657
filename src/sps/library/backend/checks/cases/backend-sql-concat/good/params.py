def user(cur, name):
    cur.execute("SELECT id FROM users WHERE name = %s", (name,))
    return cur.fetchone()
