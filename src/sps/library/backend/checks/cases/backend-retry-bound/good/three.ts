import pRetry from "p-retry";

export const rate = (client: Client) => pRetry(() => client.rate(), { retries: 3, maxRetryTime: 20_000 });
