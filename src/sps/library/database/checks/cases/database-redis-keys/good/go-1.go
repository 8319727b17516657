package shop

func f() {
	iter := rdb.Scan(ctx, 0, "cart:*", 500).Iterator()
	use(iter)
}
