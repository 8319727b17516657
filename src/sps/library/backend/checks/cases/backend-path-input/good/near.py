import os

from werkzeug.utils import secure_filename

from flask import request


def upload():
    return os.path.join("/srv/files", secure_filename(request.args["name"]))
