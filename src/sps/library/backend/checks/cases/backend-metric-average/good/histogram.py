from prometheus_client import Histogram

LATENCY = Histogram("request_duration_seconds", "Latency.")
