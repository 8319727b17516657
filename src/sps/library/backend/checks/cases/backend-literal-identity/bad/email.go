package auth

func mayExport(u User) bool { return u.Email == "anna@shop.example" }
