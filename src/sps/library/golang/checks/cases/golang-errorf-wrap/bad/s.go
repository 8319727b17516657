package a

func load() error {
	if closeErr := f.Close(); closeErr != nil {
		return fmt.Errorf("close: %s", closeErr)
	}
	return nil
}
