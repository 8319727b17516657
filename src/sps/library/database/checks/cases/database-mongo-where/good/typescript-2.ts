const rows = await prisma.user.findMany({ where: { id } });
const $where = 1;
export const operations = { $where: $where };
