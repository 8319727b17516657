from prometheus_client import Counter

LOGINS = Counter("logins_total", "Logins.", ["outcome", "email"])
