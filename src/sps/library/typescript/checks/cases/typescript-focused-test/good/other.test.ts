test("shows read-only fields", () => {
  form.only("name");
  const it2 = query.only;
  fit(model);
});
