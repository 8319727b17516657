package auth

func call(cfg Config) { log.Printf("calling with %s", cfg.APIKey) }
