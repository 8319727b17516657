const any = (await prisma.order.findFirst({ where, select: { id: true } })) !== null;
