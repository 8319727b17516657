async function save(rows: Row[]) {
  for (const row of rows) {
    if (row.dirty) {
      await store.save(row);
    }
  }
}
