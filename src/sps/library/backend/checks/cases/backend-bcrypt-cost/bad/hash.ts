export const store = (password: string) => bcrypt.hash(password, 8);
