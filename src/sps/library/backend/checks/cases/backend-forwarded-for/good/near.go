package web

func id(r *http.Request) string { return r.Header.Get("X-Request-Id") }
