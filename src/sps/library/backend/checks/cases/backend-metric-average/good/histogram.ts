export const latency = new client.Histogram({ name: "request_duration_seconds", help: "Latency." });
