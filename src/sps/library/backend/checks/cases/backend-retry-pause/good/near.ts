export async function poll(client: Client) {
  while (client.running()) {
    await sleep(5000);
  }
}
