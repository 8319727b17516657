export const user = (pool: Pool, name: string) => pool.query(`select id from users where name = '${name}'`);
