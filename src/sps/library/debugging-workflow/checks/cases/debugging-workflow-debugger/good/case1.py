def f(session):
    session.breakpoint()
    return "breakpoint()"
