package a

func TestA(t *testing.T) {
	t.Skip("#12 provider is down")
}
