export const store = (password: string) => argon2.hash(password);
