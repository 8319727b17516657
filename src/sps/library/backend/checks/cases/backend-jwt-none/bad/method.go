package auth

var token = jwt.NewWithClaims(jwt.SigningMethodNone, claims)
