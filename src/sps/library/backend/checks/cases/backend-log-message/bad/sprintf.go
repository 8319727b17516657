package orders

func created(id string) { slog.Info(fmt.Sprintf("order %s created", id)) }
