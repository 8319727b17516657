package a

func F(x X) {
	if x.A {
		if x.B {
			if x.C {
				if x.D {
					switch x.E {
					case 1:
						g()
					}
				}
			}
		}
	}
}
