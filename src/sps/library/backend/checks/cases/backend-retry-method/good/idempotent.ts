axiosRetry(client, { retries: 3, retryCondition: isIdempotentRequestError });
export const client = got.extend({ retry: { limit: 3, methods: ["GET"] } });
