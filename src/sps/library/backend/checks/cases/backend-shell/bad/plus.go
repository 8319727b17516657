package pack

func Drop(ctx context.Context, path string) error {
	return exec.CommandContext(ctx, "/bin/bash", "-c", "rm -r "+path).Run()
}
