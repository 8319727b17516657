TABLE = "users"
STATE = "done"


def near(cur, pool, ids, job, log, where, limit):
    marks = ",".join("?" for _ in ids)
    cur.execute(f"SELECT id FROM {TABLE} WHERE id IN ({marks})", ids)
    cur.execute(f"SELECT id FROM users WHERE state = {STATE}")
    cur.execute("SELECT id FROM users " + where, ids)
    cur.execute(f"SELECT id FROM users LIMIT {int(limit)}")
    pool.execute(job)
    log.info(f"select one = {job}")
    message = f"update the value = {job}"
    return message
