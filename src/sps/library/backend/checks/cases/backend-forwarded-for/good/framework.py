def peer(request):
    return request.client.host
