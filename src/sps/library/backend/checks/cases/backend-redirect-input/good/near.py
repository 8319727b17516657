from flask import redirect, request, url_for


def after_login():
    page = request.args.get("page", 1)
    return redirect(url_for("orders", page=page))
