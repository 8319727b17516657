export function total(order: Order): number {
  return order.total;
}
