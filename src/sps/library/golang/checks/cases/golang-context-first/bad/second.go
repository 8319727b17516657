package a

func load(id int, ctx context.Context) error {
	return store.Load(ctx, id)
}
