def count(cur):
    cur.execute("SELECT count(*) FROM users")
    cur.execute("SELECT id FROM users WHERE EXISTS (SELECT * FROM orders)")
