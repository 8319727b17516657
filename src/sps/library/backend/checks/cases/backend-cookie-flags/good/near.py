def choose(response, options, session):
    response.set_cookie("theme", "dark")
    response.set_cookie("session", session.id, **options)
