package main

func id(r *http.Request) string { return r.Header.Get("X-Request-ID") }
