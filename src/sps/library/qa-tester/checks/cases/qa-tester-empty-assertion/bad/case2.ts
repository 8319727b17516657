it("y", () => {
  expect(1).toEqual(1);
  assert(true);
});
