const byId = new Map<string, Order>();
export function index(orders: Order[]) {
  const cache = new Map<string, Order>();
  return cache;
}
export const rates = new LRUCache<string, Rate>(options);
