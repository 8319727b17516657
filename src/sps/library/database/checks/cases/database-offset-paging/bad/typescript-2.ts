const rows = await prisma.post.findMany({ skip: page * 50, take: 50 });
