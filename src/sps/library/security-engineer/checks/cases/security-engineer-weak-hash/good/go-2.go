package shop

func f(p Parts) int {
	return p.Sum(1)
}
