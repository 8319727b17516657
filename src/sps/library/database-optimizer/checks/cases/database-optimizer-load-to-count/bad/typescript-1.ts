const n = (await prisma.order.findMany({ where })).length;
