const any = (await prisma.order.count({ where })) === 0;
