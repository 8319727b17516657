export const names = async (prisma: Prisma, orders: Order[]) =>
  (await prisma.user.findMany({ where: { id: { in: orders.map((order) => order.userId) } } })).map((user) => user.name);
