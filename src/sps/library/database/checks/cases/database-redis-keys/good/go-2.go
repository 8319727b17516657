package shop

func f() {
	for _, k := range maps.Keys(m) {
		use(k)
	}
	t.Keys(ctx, "plain")
}
