export const both = (db: Db, id: string) => db.query(`XA START 'order-1'`);
