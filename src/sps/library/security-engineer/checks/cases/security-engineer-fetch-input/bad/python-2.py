body = urllib.request.urlopen(request.GET.get("src"), timeout=5)
