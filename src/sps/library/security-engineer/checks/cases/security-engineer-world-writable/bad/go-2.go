package shop

func f(h *os.File) error {
	return h.Chmod(0o666)
}
