it("adds", function () {
  cart.add("x");
});
