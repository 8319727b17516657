import retry from "async-retry";

export const rate = (client: Client) => retry(() => client.rate(), { forever: true });
