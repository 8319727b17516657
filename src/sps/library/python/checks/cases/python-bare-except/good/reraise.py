def run(tx, job):
    try:
        job()
    except:
        tx.rollback()
        raise
