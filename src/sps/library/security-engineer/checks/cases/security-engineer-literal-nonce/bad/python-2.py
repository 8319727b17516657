cipher = AES.new(key, AES.MODE_GCM, nonce=b"\x00" * 12)
