def run(redis, name):
    with redis.lock(name, timeout=60, blocking_timeout=5):
        work()
