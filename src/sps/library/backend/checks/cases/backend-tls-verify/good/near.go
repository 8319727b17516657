package peer

var config = &tls.Config{InsecureSkipVerify: settings.Insecure}
