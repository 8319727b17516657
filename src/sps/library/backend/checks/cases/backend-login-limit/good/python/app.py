@app.post("/v1/login")
@limiter.limit("5/minute")
def login(request, command: Login):
    return sessions.start(command)
