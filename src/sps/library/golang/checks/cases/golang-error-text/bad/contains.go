package a

func retry(err error) bool {
	return strings.Contains(err.Error(), "timeout")
}
