def proxy():
    return requests.get(request.args["url"], timeout=5).content
