export const open = (key: Buffer, iv: Buffer) => createDecipheriv("des-ede3-cbc", key, iv);
