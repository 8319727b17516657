export const job = (payload: Buffer) => v8.deserialize(payload);
