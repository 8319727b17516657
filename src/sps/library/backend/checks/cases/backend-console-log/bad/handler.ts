app.get("/orders", (req, res) => {
  console.log("listing orders");
  res.json([]);
});
