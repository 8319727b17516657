package a

func process(names []string) {
	for _, name := range names {
		func() {
			f := open(name)
			defer f.Close()
			use(f)
		}()
	}
}
