it("loads", () => {
  return expect(load("a")).resolves.toBe(1);
});
it("short", () => expect(load("a")).rejects.toThrow());
