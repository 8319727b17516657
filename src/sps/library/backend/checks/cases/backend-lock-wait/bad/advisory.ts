export const take = (db: Db, key: number) => db.query("select pg_advisory_lock($1)", [key]);
