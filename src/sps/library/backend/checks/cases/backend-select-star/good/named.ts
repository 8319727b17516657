export const user = (db: Db, id: string) => db.query("SELECT id, name FROM users WHERE id = $1", [id]);
