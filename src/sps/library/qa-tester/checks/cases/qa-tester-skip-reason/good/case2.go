package a

func TestB(t *testing.T) {
	reader.Skip()
}
