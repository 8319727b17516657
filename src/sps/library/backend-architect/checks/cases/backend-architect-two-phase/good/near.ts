export const near = (log: Logger) => log.info("prepare transaction later");
