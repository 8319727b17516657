ORDERS = {"name": "SELECT id FROM users ORDER BY name", "age": "SELECT id FROM users ORDER BY age"}


def rows(cur, column):
    cur.execute(ORDERS[column])
