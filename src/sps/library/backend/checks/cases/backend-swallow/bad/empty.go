package store

func Close(c Conn) {
	if err := c.Close(); err != nil {
	}
}
