package a

func missing(err error) bool {
	return err.Error() == "not found"
}
