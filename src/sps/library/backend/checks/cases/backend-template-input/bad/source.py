from jinja2 import Template


def page(request):
    return Template(request.form["body"]).render()
