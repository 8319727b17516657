def send(client, body):
    while True:
        try:
            client.send(body)
            break
        except Exception:
            pass
