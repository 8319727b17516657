package a

func watch(jobs []Job, done chan int) {
	for _, job := range jobs {
		if job.Slow {
			select {
			case <-done:
			case <-time.After(job.Limit):
			}
		}
	}
}
