def take(cur):
    cur.execute("select id from jobs limit 1 for update skip locked")
