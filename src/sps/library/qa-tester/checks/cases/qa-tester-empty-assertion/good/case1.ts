test("x", () => {
  expect(run()).toBe(true);
  expect(true).toBe(run());
});
