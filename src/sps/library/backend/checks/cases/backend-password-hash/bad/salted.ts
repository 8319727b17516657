export const store = (user: User, salt: string) => crypto.createHash("md5").update(salt + user.password).digest("hex");
