export async function user(db: Db, name: string) {
  const sql = `SELECT id FROM users WHERE name LIKE '%${name}%'`;
  return db.query(sql);
}
