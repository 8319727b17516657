def keep(settings, redis, key, value, options):
    settings.set(key, value)
    redis.set(key, value, **options)
    redis.setex(key, 60, value)
