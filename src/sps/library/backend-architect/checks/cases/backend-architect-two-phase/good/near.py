def near(cur, log):
    cur.execute("PREPARE one AS select 1")
    log.info("prepare transaction later")
