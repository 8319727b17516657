export function keep(redis: Redis, map: Map<string, string>, key: string, value: string) {
  map.set(key, value);
  return redis.set(key, value, { EX: 60 });
}
