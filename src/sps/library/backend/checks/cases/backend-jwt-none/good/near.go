package auth

var parser = jwt.NewParser(jwt.WithValidMethods([]string{"ES256"}))
