package a

func Send(a, b, c, d string, e, f, g int) (x, y int) {
	return 1, 2
}
