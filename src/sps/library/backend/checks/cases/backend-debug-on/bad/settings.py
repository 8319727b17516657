DEBUG = True
INSTALLED_APPS = ["orders"]
