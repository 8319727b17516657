export const handle = (orders: Order[]) => Promise.all(orders.map(async (order) => { await sendMail(order); }));
