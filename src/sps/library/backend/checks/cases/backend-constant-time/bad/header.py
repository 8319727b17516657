def check(request, settings):
    return request.api_key != settings.api_key
