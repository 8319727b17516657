package seal

func block(key []byte) (cipher.Block, error) { return des.NewTripleDESCipher(key) }
