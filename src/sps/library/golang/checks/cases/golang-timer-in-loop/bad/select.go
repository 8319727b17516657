package a

func watch(ch chan Event) {
	for {
		select {
		case event := <-ch:
			use(event)
		case <-time.After(time.Minute):
			return
		}
	}
}
