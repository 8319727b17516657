export async function rate(client: Client) {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      return await client.rate();
    } catch (err) {
      await backoff(attempt);
    }
  }
  throw new RateUnavailable();
}
