package auth

func store(u User) [16]byte { return md5.Sum([]byte(u.Salt + u.Password)) }
