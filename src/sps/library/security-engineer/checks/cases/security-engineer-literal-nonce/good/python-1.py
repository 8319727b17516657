iv = os.urandom(16)
cipher = Cipher(algorithms.AES(key), modes.CBC(iv))
