package pack

func Run(line string) error { return exec.Command("sh", "-c", line).Run() }
