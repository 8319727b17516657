package shop

func f() {
	use(rdb.Keys(ctx, "user:"+id+":*").Val())
}
