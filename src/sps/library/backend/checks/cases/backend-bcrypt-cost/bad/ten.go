package auth

func store(password []byte) ([]byte, error) { return bcrypt.GenerateFromPassword(password, 10) }
