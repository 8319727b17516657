package a

func load(ctx context.Context) error {
	errs := make(chan error, 1)
	go func() { errs <- run(ctx) }()
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	return <-errs
}
