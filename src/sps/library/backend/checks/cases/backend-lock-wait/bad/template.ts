export const take = (db: Db) => db.query(`SELECT pg_advisory_lock(42)`);
