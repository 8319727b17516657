export function login(logger: Logger, user: string, password: string) {
  logger.info({ user, hash: mask(password) }, "password changed");
  return verify(password);
}
