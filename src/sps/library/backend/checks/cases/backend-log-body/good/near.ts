export function handle(req: Request, logger: Logger) {
  const order = parse(req.body);
  logger.info({ order: order.id }, "got");
}
