export const login = (logger: Logger, password?: string) => logger.info({ hasPassword: !!password }, "login");
