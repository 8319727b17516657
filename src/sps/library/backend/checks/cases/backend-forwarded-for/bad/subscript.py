def peer(request):
    return request.headers["X-Forwarded-For"].split(",")[0]
