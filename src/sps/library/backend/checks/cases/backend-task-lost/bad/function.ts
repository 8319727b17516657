export const handle = (orders: Order[]) => orders.forEach(async function (order) { await sendMail(order); });
