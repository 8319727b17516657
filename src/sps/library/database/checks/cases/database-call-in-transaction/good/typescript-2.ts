await db.transaction(async (t) => {
  t.afterCommit(() => fetch(url));
  await Order.create(data, { transaction: t });
});
