from flask import request, send_file


def download():
    return send_file(f"/srv/files/{request.args['name']}")
