rx = re.compile(request.GET.get("pattern", ""))
