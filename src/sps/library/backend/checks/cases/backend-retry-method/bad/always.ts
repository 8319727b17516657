axiosRetry(client, { retries: 3, retryCondition: () => true });
