const ORDERS = { name: "select id from users order by name" };
export const rows = (db: Db) => db.query(ORDERS.name);
