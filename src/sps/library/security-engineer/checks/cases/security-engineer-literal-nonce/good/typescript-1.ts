const c = createCipheriv("aes-256-gcm", key, randomBytes(12));
