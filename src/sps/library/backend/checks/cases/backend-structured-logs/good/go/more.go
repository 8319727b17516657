package main

var logger = slog.New(slog.NewJSONHandler(os.Stdout, nil))
