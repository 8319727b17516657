def peer(request):
    return request.META.get("HTTP_X_FORWARDED_FOR")
