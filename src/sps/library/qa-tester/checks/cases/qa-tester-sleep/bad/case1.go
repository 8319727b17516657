package a

func TestJob(t *testing.T) {
	start()
	time.Sleep(time.Second)
}
