export const count = (db: Db, table: string) => db.query(`select count(1) from ${table}`);
