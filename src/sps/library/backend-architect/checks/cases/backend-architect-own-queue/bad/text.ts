export const take = (db: Db) => db.query("select id from jobs limit 1 for update skip locked");
