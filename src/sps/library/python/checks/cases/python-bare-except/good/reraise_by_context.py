def run(tx, job):
    try:
        job()
    except:
        with safe_reraise():
            tx.rollback()
