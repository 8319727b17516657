package orders

func created(id string) { slog.Info("order created", "order_id", id) }
