package hook

func check(r Request, cfg Config) bool { return r.Key != cfg.APIKey }
