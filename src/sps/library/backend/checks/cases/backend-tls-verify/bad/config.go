package peer

var config = &tls.Config{InsecureSkipVerify: true}
