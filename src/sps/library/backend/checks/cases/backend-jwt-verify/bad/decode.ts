export const claims = (token: string) => jwt.decode(token);
