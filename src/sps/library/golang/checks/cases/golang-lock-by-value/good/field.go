package a

type Counter struct {
	mu    sync.Mutex
	total int
}

func make() *Counter {
	var mu sync.Mutex
	return &Counter{total: use(&mu)}
}
