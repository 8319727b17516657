export async function rate(client: Client) {
  while (true) {
    try {
      return await client.rate();
    } catch (err) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}
