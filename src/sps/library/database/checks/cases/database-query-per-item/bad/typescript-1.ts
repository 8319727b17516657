for (const order of orders) {
  const user = await prisma.user.findUnique({ where: { id: order.userId } });
  names.push(user.name);
}
