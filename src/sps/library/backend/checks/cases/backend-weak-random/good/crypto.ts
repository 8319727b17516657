const resetToken = crypto.randomBytes(32).toString("hex");
