def login(response, session):
    response.set_cookie("session", session.id)
