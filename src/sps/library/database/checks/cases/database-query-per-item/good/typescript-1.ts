const users = await prisma.user.findMany({ where: { id: { in: ids } } });
for (const user of users) {
  await mailer.send(user);
}
