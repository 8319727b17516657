package a

func (e *Failure) Is(target error) bool {
	err := target
	return err == ErrMissing
}

func read() bool {
	_, err := r.Read(buf)
	return err == io.EOF
}
