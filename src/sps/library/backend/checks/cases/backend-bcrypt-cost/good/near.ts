export const store = (password: string) => bcrypt.hash(password, settings.cost);
export const place = table.hash(password, 8);
