package a

func run(jobs []Job) {
	var wg sync.WaitGroup
	for _, job := range jobs {
		go func() {
			wg.Add(1)
			defer wg.Done()
			job.Run()
		}()
	}
	wg.Wait()
}
