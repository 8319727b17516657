package a

func Send(
	a int,
	b int,
	c int,
	d int,
	e int,
	f int,
	g int,
) {
	Call(1, 2, 3, 4, 5, 6, 7, 8)
}
