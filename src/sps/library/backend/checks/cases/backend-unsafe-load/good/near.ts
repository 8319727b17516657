export const job = (own: Format, payload: Buffer) => own.deserialize(v8.serialize(payload));
