package shop

func f() {
	keys, err := rdb.Keys(ctx, "cart:*").Result()
	use(keys, err)
}
