package a

func add(mu *sync.Mutex, total *int) {
	mu.Lock()
	defer mu.Unlock()
	*total++
}
