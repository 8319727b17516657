@app.route("/livez")
def live():
    cache.ping()
    return "ok"
