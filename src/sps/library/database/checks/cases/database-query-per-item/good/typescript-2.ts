for (const batch of batches) {
  await pool.query("SELECT id FROM a WHERE id = ANY($1)", [batch]);
}
for (const u of await prisma.user.findMany({ take: 10 })) {
  use(u);
}
