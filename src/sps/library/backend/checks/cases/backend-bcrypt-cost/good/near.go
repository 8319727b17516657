package auth

func store(password []byte, cost int) ([]byte, error) { return bcrypt.GenerateFromPassword(password, cost) }
