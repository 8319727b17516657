package shop

func f() {
	os.MkdirAll(path, 0o777)
	os.Chmod(path, 0600)
}
