const TABLE = "users";

export async function near(pool: Pool, prisma: Prisma, sql: Sql, id: string, n: number, log: Log) {
  await prisma.$queryRaw`select name from users where id = ${id}`;
  await sql`select name from users where id = ${id}`;
  await pool.query(`select name from ${TABLE} where id = $${n}`, [id]);
  await pool.query("select name from users " + "where id = $1", [id]);
  log.info(`select one = ${id}`);
}
