package a

func show(err error) string {
	return strings.ToUpper(err.Error()) + strings.TrimSpace(name)
}
