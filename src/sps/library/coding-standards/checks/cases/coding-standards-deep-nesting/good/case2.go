package a

func F(xs []X) {
	for _, x := range xs {
		if x.A {
			for x.B {
				if x.C {
					go func() {
						if x.D {
							g()
						}
					}()
				}
			}
		}
	}
}
