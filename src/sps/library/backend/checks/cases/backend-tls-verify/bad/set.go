package peer

func weaken(c *tls.Config) { c.InsecureSkipVerify = true }
