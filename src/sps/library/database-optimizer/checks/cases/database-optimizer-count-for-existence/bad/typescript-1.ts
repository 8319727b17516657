if ((await prisma.order.count({ where: { userId } })) > 0) {
  ship();
}
