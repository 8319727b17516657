env = jinja2.Environment(loader=loader, autoescape=jinja2.select_autoescape())
