package seal

func stream(key []byte) (*rc4.Cipher, error) { return rc4.NewCipher(key) }
