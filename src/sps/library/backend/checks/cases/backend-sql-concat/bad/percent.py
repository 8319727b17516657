def user(cur, name):
    cur.execute("select id from users where name = '%s'" % name)
