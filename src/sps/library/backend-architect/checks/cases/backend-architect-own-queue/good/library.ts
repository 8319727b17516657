export const take = (boss: PgBoss) => boss.work("mail", handle);
