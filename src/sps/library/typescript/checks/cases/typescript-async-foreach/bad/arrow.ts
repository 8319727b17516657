items.forEach(async (item) => {
  await save(item);
});
