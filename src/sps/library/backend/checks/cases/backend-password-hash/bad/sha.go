package auth

func store(password string) [32]byte { return sha256.Sum256([]byte(password)) }
