def search(text, request):
    return text.find(request.args["word"])
