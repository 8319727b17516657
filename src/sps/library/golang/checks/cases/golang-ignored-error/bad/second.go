package a

func size(path string) int64 {
	info, _ := os.Stat(path)
	return info.Size()
}
