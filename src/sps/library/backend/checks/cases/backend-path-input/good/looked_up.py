from flask import request, send_file


def download(store):
    entry = store.file(request.args["id"])
    return send_file(entry.path)
