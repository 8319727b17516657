it("y", () => {
  expect(1).toBe(2);
  assert.equal(run(), 1);
  expect(a).toEqual(a);
});
