with session.begin():
    session.add(order)
requests.post(url, json=body, timeout=5)
with tracer.begin():
    requests.get(url, timeout=5)
