package a

func TestB(t *testing.T) {
	clock.Sleep(time.Second)
	<-ready
}
