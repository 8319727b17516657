cipher = Cipher(algorithms.AES(key), modes.CBC(b"0000000000000000"))
