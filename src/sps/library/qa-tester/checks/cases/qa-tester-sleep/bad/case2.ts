it("y", async () => {
  await page.waitForTimeout(1000);
  expect(await page.title()).toBe("x");
});
