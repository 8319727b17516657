export const rows = (db: Db, column: string) => db.query("select id from users order by " + column);
