package main

func routes() { mux.HandleFunc("/readyz", ready) }
