export const claims = (token: string, key: string) => jwt.verify(token, key, { ignoreExpiration: true });
