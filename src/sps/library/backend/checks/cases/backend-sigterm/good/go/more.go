package main

func stop() { signal.Notify(done, syscall.SIGTERM) }
