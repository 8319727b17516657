package a

func TestJob(t *testing.T) {
	for !done() {
		time.Sleep(time.Millisecond)
	}
}
