from string import Template


def page(request, source):
    return Template(source).substitute(name=request.args["name"])
