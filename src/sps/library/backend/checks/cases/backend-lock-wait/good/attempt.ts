export const take = (db: Db, key: number) => db.query("select pg_try_advisory_lock($1)", [key]);
