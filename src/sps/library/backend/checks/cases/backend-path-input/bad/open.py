import os

from flask import request


def download():
    return open(os.path.join("/srv/files", request.args["name"]), "rb").read()
