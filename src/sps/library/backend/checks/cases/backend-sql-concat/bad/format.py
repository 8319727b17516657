def user(cur, name):
    cur.execute("UPDATE users SET seen = now() WHERE name = '{}'".format(name))
