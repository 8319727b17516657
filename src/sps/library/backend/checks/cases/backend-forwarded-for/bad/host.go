package web

func host(r *http.Request) string { return r.Header.Get("X-Forwarded-Host") }
