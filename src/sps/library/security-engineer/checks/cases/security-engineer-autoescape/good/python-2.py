env = Environment(name="production", region="eu")
env2 = Environment(loader=loader, autoescape=True)
