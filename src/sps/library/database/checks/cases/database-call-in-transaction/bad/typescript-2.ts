await db.transaction(async (tx) => {
  const res = await axios.post(url, body);
  await tx.insert(orders).values(res.data);
});
