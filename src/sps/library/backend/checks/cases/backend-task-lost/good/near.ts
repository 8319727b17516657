export function handle(orders: Order[]) {
  orders.forEach((order) => queue.push(order));
}
