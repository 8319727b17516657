export const users = (db: Db) => db.query(`
  select *
  from users`);
