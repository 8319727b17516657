from collections import Counter

from prometheus_client import Histogram

WORDS = Counter(["email", "email"])
TIMES = Histogram("times_seconds", "Times.", ["route"], buckets=[0.1, 1])
rows = dict(user_id=1)
chosen = pick(["email"])
