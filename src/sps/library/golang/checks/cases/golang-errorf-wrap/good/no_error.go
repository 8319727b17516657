package a

func check(name string, errs int) error {
	if errs > 0 {
		return fmt.Errorf("%s has %v errors", name, errs)
	}
	return fmt.Errorf("two: %w, %v", err, closeErr)
}
