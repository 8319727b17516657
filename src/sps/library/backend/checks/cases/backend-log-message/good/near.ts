export function near(logger: Logger, id: string) {
  logger.info("order created", { key: `order:${id}` });
  logger.info(`order created`);
  console.log(`order ${id}`);
}
