const n = await prisma.order.count({ where });
