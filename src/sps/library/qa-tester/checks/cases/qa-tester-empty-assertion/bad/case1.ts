test("x", () => {
  run();
  expect(true).toBe(true);
});
