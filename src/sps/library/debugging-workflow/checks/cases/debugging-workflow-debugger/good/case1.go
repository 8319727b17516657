package a

func F(d Debugger) {
	d.Breakpoint(1)
}
