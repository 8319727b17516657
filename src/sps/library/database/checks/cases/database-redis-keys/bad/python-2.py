names = await redis.keys(f"user:{user}:*")
