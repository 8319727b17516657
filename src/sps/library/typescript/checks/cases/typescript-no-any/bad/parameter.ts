export function total(order: any): number {
  return order.total;
}
