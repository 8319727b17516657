package a

func G(x int) int {
	if x > 1 {
		runtime.Breakpoint()
	}
	return x
}
