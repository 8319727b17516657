export const free = (db: Db, key: number) => db.query("select pg_advisory_unlock($1)", [key]);
log.info("select pg_advisory_lock took long");
