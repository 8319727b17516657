export async function names(prisma: Prisma, orders: Order[]) {
  for (const order of orders) {
    const user = await prisma.user.findUnique({ where: { id: order.userId } });
    show(user);
  }
}
