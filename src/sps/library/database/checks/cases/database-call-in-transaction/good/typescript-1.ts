const res = await fetch(url, { method: "POST", body });
await prisma.$transaction(async (tx) => {
  await tx.order.create({ data });
});
