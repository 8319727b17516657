package hook

func check(signature string, want string) bool { return signature == want }
