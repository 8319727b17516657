export const seal = (key: Buffer) => crypto.createCipheriv("aes-256-ecb", key, null);
