export const latency = new client.Gauge({ name: "request_latency_avg", help: "Latency." });
