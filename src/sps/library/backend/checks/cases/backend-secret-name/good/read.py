import os

API_KEY = os.environ["API_KEY"]
PASSWORD = ""
SECRET_KEY = "change-me"
