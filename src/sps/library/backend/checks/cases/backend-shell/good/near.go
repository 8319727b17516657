package pack

func Limit() error { return exec.Command("sh", "-c", "ulimit -n").Run() }
