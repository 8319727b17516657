package orders

func name(id string) string { return fmt.Sprintf("order %s", id) }
