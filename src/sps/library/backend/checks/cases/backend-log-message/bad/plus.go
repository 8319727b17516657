package orders

func failed(err error) { slog.Error("cannot pay: " + err.Error()) }
