def run(job):
    try:
        job()
    except :
        logger.exception("job failed")
