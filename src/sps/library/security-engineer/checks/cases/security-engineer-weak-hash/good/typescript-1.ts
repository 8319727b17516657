const tag = createHash("sha256").update(body).digest("hex");
