const iv = randomBytes(16);
const c = crypto.createCipheriv("aes-256-cbc", key, iv);
const b = Buffer.alloc(16);
