def page():
    return render_template("page.html")
