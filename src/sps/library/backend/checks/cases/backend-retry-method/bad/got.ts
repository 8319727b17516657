export const client = got.extend({ retry: { limit: 3, methods: ["GET", "POST"] } });
