package hook

func check(signature *string, apiKey string) bool { return signature == nil || apiKey == "" }
