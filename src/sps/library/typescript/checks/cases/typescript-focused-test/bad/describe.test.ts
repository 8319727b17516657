describe.only("tokens", () => {});
fit("works", () => {});
