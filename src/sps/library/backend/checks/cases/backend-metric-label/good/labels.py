def seen(requests_total, route, method):
    requests_total.labels(route=route, method=method).inc()
