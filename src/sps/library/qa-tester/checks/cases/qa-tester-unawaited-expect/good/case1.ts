test("fails", async () => {
  await expect(load("x")).rejects.toThrow("missing");
  expect(mock.rejects).toBe(1);
});
