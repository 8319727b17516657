package a

func save(f *os.File) {
	_ = f.Sync()
}
