app.use("/auth", rateLimit({ windowMs: 60_000, limit: 5 }));
