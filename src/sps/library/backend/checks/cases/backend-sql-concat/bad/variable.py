def user(cur, name):
    query = f"SELECT id FROM users WHERE name LIKE '%{name}%'"
    cur.execute(query)
    return cur.fetchall()
