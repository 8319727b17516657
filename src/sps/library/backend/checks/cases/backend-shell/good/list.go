package pack

func Drop(ctx context.Context, path string) error { return exec.CommandContext(ctx, "rm", "-r", "--", path).Run() }
