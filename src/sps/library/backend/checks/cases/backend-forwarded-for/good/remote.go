package web

func peer(r *http.Request) string { return r.RemoteAddr }
