export const created = (logger: Logger, id: string) => logger.info({ orderId: id }, "order created");
