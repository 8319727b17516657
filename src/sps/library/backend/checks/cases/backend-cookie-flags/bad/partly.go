package web

var c = http.Cookie{Name: "auth_token", Value: id, HttpOnly: true}
