r = requests.get(URL, params=request.args, timeout=5)
r = requests.post(URL, json=request.json["a"], timeout=5)
