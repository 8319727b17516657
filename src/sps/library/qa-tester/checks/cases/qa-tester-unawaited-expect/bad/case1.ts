test("fails", async () => {
  expect(load("x")).rejects.toThrow("missing");
});
