export const count = (db: Db) => db.query("select count(*) from users");
