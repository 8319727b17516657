export async function orders(client: Client) {
  try {
    return await client.orders();
  } catch (err) {
    throw new OrdersUnavailable({ cause: err });
  }
}
