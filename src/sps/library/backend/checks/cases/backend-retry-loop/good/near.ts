export async function rate(client: Client) {
  while (true) {
    try {
      return await client.rate();
    } catch (err) {
      await sleep(jitter());
      continue;
    }
  }
}
