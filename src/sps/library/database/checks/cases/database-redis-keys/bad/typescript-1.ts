const keys = await redis.keys("cart:*");
