package peer

var config = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
