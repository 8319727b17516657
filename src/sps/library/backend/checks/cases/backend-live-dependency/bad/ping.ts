app.get("/livez", async (_req, res) => {
  await this.redis.ping();
  res.send("ok");
});
