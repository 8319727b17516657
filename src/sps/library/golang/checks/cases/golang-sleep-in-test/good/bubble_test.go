package a

func TestExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Hour)
		check(t, cache)
	})
	for !ready() {
		time.Sleep(time.Millisecond)
	}
}
