export async function orders(client: Client) {
  const rows = await client.orders();
  if (rows.length === 0) return [];
  return rows.catch((err: Error) => report(err));
}
