package main

func main() {
	if err := run(); err != nil {
		panic(err)
	}
}
