package web

var policy = cors.New(cors.Options{AllowedOrigins: []string{"*"}, AllowCredentials: true})
