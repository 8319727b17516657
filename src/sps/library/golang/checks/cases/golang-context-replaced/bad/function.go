package a

func load(ctx context.Context, id int) error {
	return store.Load(context.Background(), id)
}
