export const place = (db: Db, order: Order) => db.transaction(async (tx) => {
  await tx.insert(order);
  await tx.insert({ kind: "order-placed", id: order.id });
});
