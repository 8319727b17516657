test("opens", () => {
  render(app);
  expect(screen.getByRole("menu", { name: "File" })).toBeVisible();
});
