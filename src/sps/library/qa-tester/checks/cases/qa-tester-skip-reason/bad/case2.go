package a

func TestB(t *testing.T) {
	if slow {
		t.SkipNow()
	}
}
