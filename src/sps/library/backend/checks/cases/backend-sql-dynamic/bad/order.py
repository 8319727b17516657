def rows(cur, column):
    cur.execute("SELECT id FROM users ORDER BY " + column)
