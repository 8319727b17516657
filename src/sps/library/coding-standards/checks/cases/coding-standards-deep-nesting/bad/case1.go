package a

func F(xs []X) {
	for _, x := range xs {
		if x.A {
			for x.B {
				if x.C {
					if x.D {
						g()
					}
				}
			}
		}
	}
}
