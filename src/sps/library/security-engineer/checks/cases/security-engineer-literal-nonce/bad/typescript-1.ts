const c = createCipheriv("aes-256-cbc", key, Buffer.alloc(16));
