package seal

func sealer(block cipher.Block) (cipher.AEAD, error) { return cipher.NewGCM(block) }
