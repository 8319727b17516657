export async function near(db: Db, batches: Row[][], api: Api, ids: string[]) {
  for (const batch of batches) {
    await db.insert(batch);
  }
  for (const id of ids) {
    await api.find(id);
  }
  for (const row of await db.query("select id from orders")) show(row);
}
