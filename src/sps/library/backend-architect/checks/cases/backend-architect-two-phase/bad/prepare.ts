export const both = (db: Db) => db.query("PREPARE TRANSACTION 'order-1'");
