import os

DEBUG = os.environ.get("DEBUG") == "1"
INSTALLED_APPS = ["orders"]
