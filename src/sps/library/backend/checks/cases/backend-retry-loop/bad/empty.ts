export async function send(client: Client, body: string) {
  for (;;) {
    try {
      await client.send(body);
      break;
    } catch {}
  }
}
