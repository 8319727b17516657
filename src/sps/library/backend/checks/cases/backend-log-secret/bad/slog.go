package auth

func login(password string) { slog.Info("login", "password", password) }
