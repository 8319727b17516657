package auth

func mayExport(u User) bool { return u.Can("export") }
