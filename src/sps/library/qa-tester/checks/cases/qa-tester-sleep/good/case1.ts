test("x", async () => {
  await waitFor(() => expect(done).toBe(true));
  await new Promise((r) => setTimeout(r, 0));
});
