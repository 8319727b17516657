package main

func main() { http.ListenAndServe("127.0.0.1:8000", mux) }
