@app.post("/v1/login")
def login(command: Login):
    return sessions.start(command)
