export async function orders(client: Client) {
  try {
    return await client.orders();
  } catch (err) {
    return [];
  }
}
