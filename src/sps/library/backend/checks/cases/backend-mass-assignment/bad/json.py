def create(request):
    return User(**request.json)
