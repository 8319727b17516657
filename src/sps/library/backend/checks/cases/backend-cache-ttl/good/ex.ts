export const keep = (redis: Redis, key: string, value: string) => redis.set(key, value, "EX", 60);
