package a

func retry(err error) bool {
	return errors.Is(err, context.DeadlineExceeded)
}
