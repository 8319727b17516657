key = hashlib.sha256(body).hexdigest()
