describe.only("cart", () => {
  it("adds", () => { expect(1 + n).toBe(2); });
});
