async def keep(redis, key, value):
    await redis.set(key, value)
