package a

func process(names []string) error {
	defer done()
	for _, name := range names {
		if f, ok := open(name); ok {
			defer f.Close()
			return use(f)
		}
	}
	return nil
}
