package main

func routes() { mux.HandleFunc("/livez", live) }
