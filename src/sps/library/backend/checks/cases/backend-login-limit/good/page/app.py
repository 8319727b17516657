@app.get("/login")
def page():
    return render("login.html")
