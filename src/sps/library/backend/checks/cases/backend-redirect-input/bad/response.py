def after_login(request):
    return RedirectResponse(url=request.query_params["next"])
