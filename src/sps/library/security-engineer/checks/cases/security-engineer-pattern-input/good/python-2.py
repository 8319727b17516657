found = re.search(PATTERN, request.args["q"])
