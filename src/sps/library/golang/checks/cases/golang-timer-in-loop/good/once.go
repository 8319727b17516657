package a

func wait(ch chan Event) {
	select {
	case event := <-ch:
		use(event)
	case <-time.After(time.Minute):
	}
	for _, job := range jobs {
		start(job, func() {
			select {
			case <-time.After(time.Second):
			}
		})
	}
}
