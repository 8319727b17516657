test("adds", () => { expect(add(1)).toBe(2); });
