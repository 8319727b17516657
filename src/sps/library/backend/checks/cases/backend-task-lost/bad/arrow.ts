export function handle(orders: Order[]) {
  orders.forEach(async (order) => {
    await sendMail(order);
  });
}
