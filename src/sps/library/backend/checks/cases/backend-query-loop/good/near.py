def near(session, cur, pool, migrations, ids, cache):
    for row in cur.execute("select id from orders"):
        print(row)
    for statement in migrations:
        cur.execute("update version set n = 1")
    for one in ids:
        cache.get(one)
        pool.execute(work, one)
