package a

func handle(w http.ResponseWriter, r *http.Request) {
	go func() {
		audit(r.URL.Path)
	}()
}
