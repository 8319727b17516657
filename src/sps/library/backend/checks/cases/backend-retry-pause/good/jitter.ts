export async function rate(client: Client) {
  for (let i = 0; i < 3; i++) {
    try {
      return await client.rate();
    } catch (err) {
      await sleep(Math.random() * 200 * 2 ** i);
    }
  }
}
