env = Environment(autoescape=False, loader=loader)
