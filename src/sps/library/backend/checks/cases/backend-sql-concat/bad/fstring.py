def user(cur, name):
    cur.execute(f"SELECT id FROM users WHERE name = '{name}'")
    return cur.fetchone()
