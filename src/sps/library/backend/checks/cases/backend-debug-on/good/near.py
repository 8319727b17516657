DEBUG = True
app.run(debug=settings.debug)
parser.run(debug=True)
