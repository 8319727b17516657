for (const item of items) {
  await save(item);
}
items.forEach((item) => log(item));
