const total = await prisma.order.count({ where });
if (total > 100) {
  warn();
}
