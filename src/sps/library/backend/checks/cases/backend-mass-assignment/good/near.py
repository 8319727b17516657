def create(request):
    return {**request.headers}, User(name=request.json["name"])
