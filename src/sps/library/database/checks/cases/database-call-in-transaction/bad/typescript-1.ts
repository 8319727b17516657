await prisma.$transaction(async (tx) => {
  await tx.order.create({ data });
  await fetch(url, { method: "POST", body });
});
