const tag = createHash("md5").update(body).digest("hex");
