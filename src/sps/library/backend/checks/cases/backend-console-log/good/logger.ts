export const pay = (log: Logger, order: Order) => log.info({ orderId: order.id }, "paid");
