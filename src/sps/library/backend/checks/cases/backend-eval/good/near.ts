export const near = (redis: Redis, script: string) => redis.eval(script, 0);
