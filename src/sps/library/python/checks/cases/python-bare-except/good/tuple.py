def run(job):
    try:
        job()
    except (OSError, ValueError) as err:
        report(err)
