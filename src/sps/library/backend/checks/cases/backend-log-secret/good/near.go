package auth

func check(password string) bool {
	slog.Info("login", "length", len(password))
	return verify(password)
}
