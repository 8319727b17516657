const TABLE = "users";
export const count = (db: Db) => db.query(`select count(1) from ${TABLE}`);
