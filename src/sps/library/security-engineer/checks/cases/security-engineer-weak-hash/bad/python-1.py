key = hashlib.md5(body).hexdigest()
