it("counts", () => {
  expect(document.querySelectorAll("li").length).toBe(3);
});
