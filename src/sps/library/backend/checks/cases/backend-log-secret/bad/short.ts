export const login = (logger: Logger, password: string) => logger.info({ password }, "login");
