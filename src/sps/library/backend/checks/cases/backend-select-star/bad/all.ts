export const user = (db: Db, id: string) => db.query("SELECT * FROM users WHERE id = $1", [id]);
