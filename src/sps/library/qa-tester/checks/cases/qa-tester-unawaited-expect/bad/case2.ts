it("loads", () => {
  expect(load("a")).resolves.not.toBeNull();
});
