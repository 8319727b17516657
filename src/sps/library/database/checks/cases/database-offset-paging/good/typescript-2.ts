const rows = await prisma.post.findMany({ take: 50, cursor: { id }, skip: 0 });
const o = { offset: 3 };
