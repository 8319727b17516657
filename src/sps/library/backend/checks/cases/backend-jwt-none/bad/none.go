package auth

func key(t *jwt.Token) (any, error) { return jwt.UnsafeAllowNoneSignatureType, nil }
