key = hashlib.new("sha1", body)
