package a

func TestB(t *testing.T) {
	go run()
	time.Sleep(50 * time.Millisecond)
	check(t)
}
