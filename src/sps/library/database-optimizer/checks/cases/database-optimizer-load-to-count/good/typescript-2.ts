const rows = await prisma.order.findMany({ where });
const n = (await load()).length;
