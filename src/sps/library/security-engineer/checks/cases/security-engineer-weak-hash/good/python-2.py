key = hashlib.md5(body, usedforsecurity=False).hexdigest()
name = "md5"
other = store.md5(body)
