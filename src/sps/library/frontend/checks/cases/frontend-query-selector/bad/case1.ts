test("opens", () => {
  const { container } = render(app);
  expect(container.querySelector(".menu")).not.toBeNull();
});
