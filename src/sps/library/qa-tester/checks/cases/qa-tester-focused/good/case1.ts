describe("cart", () => {
  it("only adds", () => { expect(1 + n).toBe(2); });
});
