package a

func notify(users []User) {
	var wg sync.WaitGroup
	for _, user := range users {
		wg.Add(1)
		go func() {
			defer wg.Done()
			mail(user)
		}()
	}
	wg.Wait()
}
