package shop

func f() {
	os.Chmod(path, 0777)
}
