const mac = crypto.createHmac("sha1", key).update(body).digest();
