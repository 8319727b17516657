def seen(requests_total, route, user):
    requests_total.labels(route=route, user_id=user.id).inc()
