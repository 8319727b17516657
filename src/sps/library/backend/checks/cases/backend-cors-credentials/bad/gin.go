package web

var policy = cors.New(cors.Config{AllowAllOrigins: true, AllowCredentials: true})
