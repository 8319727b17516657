package auth

func empty(u User) bool { return u.Email == "" || u.Role == "admin" }
