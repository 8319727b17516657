package a

func main() {
	ctx := context.Background()
	run(ctx)
}

func serve(ctx context.Context) {
	if ctx == nil {
		ctx = context.Background()
	}
	<-ctx.Done()
	shutdownCtx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	server.Close(shutdownCtx)
}
