fit("adds", () => {
  expect(add(1)).toBe(2);
});
test.only.each([1, 2])("x %i", (n) => { expect(n).toBe(n1); });
