package hook

func check(signature, want []byte) bool { return hmac.Equal(signature, want) }
