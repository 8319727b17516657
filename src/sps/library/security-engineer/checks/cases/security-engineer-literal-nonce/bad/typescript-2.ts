const c = crypto.createCipheriv("aes-256-gcm", key, "000000000000");
