export const handle = (req: Request, logger: Logger) => logger.info({ body: req.body }, "got");
