it("refuses an expired token", () => {
  expect(check(expired)).toBe(false);
});
