def compute(request):
    return eval(request.args["formula"])
