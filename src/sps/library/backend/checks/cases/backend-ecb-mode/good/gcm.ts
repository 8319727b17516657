export const seal = (key: Buffer, iv: Buffer) => crypto.createCipheriv("aes-256-gcm", key, iv);
