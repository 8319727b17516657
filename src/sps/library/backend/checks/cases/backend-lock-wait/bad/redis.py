def run(redis, name):
    with redis.lock(name):
        work()
