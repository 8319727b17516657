test("logs in", async () => {
  const user = await login("a", "b");
  console.log(user);
});
