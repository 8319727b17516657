def proxy():
    host = HOSTS[request.args["host"]]
    return requests.get(f"https://{host}/logo", timeout=5).content
