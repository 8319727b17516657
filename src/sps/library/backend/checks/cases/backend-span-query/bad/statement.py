def run(span, cur, sql):
    span.set_attribute("db.statement", sql)
    cur.execute(sql)
