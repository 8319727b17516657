app.get("/health/ready", async (_req, res) => {
  await pool.query("select 1");
  res.json({ status: "ok" });
});
