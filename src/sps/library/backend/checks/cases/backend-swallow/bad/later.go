package store

func Drop(c Conn) {
	err := c.Drop()
	if err != nil {
	}
}
