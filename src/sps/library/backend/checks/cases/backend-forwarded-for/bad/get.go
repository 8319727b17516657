package web

func peer(r *http.Request) string { return r.Header.Get("X-Forwarded-For") }
