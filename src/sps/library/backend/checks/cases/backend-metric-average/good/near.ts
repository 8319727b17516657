export const column = { name: "price_avg" };
export const total = new client.Counter({ name: "averages_total", help: "Asked." });
