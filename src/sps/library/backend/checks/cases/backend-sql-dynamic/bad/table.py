def count(cur, table):
    cur.execute(f"SELECT count(1) FROM {table}")
