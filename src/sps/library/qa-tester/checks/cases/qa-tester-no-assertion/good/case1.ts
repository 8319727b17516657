test("logs in", async () => {
  expect((await login("a", "b")).ok).toBe(true);
});
