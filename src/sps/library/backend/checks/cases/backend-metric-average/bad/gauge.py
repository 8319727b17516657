from prometheus_client import Gauge

LATENCY = Gauge("request_latency_avg_seconds", "Latency.")
