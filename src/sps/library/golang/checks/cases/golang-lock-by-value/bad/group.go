package a

func run(jobs []Job) {
	work := func(wg sync.WaitGroup, job Job) {
		defer wg.Done()
		job.Run()
	}
	use(work)
}
