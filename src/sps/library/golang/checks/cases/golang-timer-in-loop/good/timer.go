package a

func watch(ch chan Event) {
	ticker := time.NewTicker(time.Minute)
	defer ticker.Stop()
	for {
		select {
		case event := <-ch:
			use(event)
		case <-ticker.C:
			return
		}
	}
}
