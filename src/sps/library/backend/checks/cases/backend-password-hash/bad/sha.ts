export const store = (password: string) => createHash("sha256").update(password).digest("hex");
