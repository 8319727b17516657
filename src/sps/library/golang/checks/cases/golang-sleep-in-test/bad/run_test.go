package a

func TestWorker(t *testing.T) {
	t.Run("stops", func(t *testing.T) {
		worker.Start()
		time.Sleep(100 * time.Millisecond)
		check(t, worker)
	})
}
