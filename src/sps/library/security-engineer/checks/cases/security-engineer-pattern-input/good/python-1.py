found = re.search(re.escape(request.args["q"]), text)
