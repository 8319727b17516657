package store

func Close(c Conn) {
	if err := c.Close(); err != nil {
		// the peer closed first
	}
	if c == nil {
	}
}
