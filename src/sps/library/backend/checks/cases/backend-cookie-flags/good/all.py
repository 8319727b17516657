def login(response, session):
    response.set_cookie("session", session.id, httponly=True, secure=True, samesite="Lax")
