const raw = JSON.parse(text) as unknown;
const order = orderSchema.parse(raw);
