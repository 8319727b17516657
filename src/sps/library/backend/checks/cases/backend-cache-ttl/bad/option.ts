export const keep = (redisClient: Redis, key: string, value: string) => redisClient.set(key, value, { NX: true });
