it("y", async () => {
  while (!done) await sleep(10);
  await wait(limit);
  const api = { read: async () => {
    await new Promise((r) => setTimeout(r, 300));
    return 1;
  } };
});
