package auth

var token = jwt.NewWithClaims(jwt.SigningMethodES256, claims)
