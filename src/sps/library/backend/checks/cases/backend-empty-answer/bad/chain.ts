export const orders = (client: Client) => client.orders().catch(() => []);
