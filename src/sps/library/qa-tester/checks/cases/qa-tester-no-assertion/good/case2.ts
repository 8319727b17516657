it("greets", async () => {
  render(app);
  await screen.findByText("Hello");
});
it("refuses", () => assert.throws(() => login("", "")));
it("is later");
fetchIt("x", () => { go(); });
