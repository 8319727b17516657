from celery.signals import task_failure


@task_failure.connect
def keep(**facts):
    dead.put(facts)
