export function total(order: unknown): number {
  return isOrder(order) ? order.total : 0;
}
