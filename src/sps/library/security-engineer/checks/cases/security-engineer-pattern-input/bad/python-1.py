found = re.search(request.args["q"], text)
