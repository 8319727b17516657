export const job = (payload: string) => Job.parse(JSON.parse(payload));
