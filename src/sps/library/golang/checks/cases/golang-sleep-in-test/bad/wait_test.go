package a

func TestExpires(t *testing.T) {
	cache.Put("a", 1)
	time.Sleep(2 * time.Second)
	if cache.Has("a") {
		t.Fatal("still there")
	}
}
