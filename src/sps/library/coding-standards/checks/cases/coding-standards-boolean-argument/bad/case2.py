client.upload(path, False, timeout=3)
