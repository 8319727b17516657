export const seal = (algorithm: string, key: Buffer, iv: Buffer) => crypto.createCipheriv(algorithm, key, iv);
