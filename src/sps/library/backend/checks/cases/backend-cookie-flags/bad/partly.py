def login(resp, token):
    resp.set_cookie("auth_token", token, httponly=True)
