app.get("/health/live", (_req, res) => res.json({ status: "ok" }));
