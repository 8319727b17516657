def search(collection, request):
    return collection.find(request.json)
