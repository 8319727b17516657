export const failed = (log: Logger, err: Error) => log.error("cannot pay: " + err.message);
