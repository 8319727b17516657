import test from "node:test";
test("adds", () => { assert.equal(add(1), 2); });
