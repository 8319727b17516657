export const user = (db: Db, id: string) => db.query("SELECT name FROM users WHERE id = " + id);
