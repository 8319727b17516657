export const labels = { password: "password", apiKey: "api-key" };
export const names = { secret: "ORDERS_SECRET" };
