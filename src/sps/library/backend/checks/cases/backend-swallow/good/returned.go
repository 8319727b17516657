package store

func Close(c Conn) error {
	if err := c.Close(); err != nil {
		return err
	}
	return nil
}
