app.get("/metrics", async (_req, res) => res.send(await registry.metrics()));
