package a

func F(x X) {
	if x.A {
		g()
	} else if x.B {
		g()
	} else if x.C {
		g()
	} else if x.D {
		g()
	} else if x.E {
		g()
	}
}
