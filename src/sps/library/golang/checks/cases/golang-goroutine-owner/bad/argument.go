package a

func notify(users []User) {
	for _, user := range users {
		go func(u User) {
			mail(u)
		}(user)
	}
}
