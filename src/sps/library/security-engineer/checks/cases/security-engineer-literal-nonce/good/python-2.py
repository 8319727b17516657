cipher = AES.new(key, AES.MODE_GCM, nonce=get_random_bytes(12))
mode = build("CBC", b"0000")
