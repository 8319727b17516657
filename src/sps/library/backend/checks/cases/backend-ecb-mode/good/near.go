package seal

func block(key []byte) (cipher.Block, error) { return aes.NewCipher(key) }
