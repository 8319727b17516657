export const rates = new LRUCache<string, Rate>({ max: 1_000, ttl: 60_000 });
