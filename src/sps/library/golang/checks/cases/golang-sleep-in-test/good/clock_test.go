package a

func TestExpires(t *testing.T) {
	cache.Put("a", 1)
	clock.Advance(2 * time.Second)
	check(t, cache)
}
