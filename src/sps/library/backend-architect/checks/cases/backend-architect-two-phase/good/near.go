package store

func near(log Logger) { log.Info("prepare transaction later") }
