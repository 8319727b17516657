export const created = (logger: Logger, id: string) => logger.info(`order ${id} created`);
