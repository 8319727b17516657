package auth

func login(user string) { slog.Info("password changed", "user", user) }
