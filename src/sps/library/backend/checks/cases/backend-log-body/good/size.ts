export const handle = (req: Request, logger: Logger) => logger.info({ size: byteSize(req.body), kind: req.body.kind }, "got");
