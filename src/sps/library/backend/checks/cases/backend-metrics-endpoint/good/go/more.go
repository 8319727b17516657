package main

func routes() { mux.Handle("/metrics", promhttp.Handler()) }
