from flask import redirect, request


def after_login():
    return redirect(own_path(request.args.get("next")))
