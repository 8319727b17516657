app.get("/health/live", async (_req, res) => {
  await pool.query("select 1");
  res.json({ status: "ok" });
});
