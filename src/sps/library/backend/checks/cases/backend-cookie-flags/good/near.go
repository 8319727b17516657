package web

var c = http.Cookie{Name: "theme", Value: "dark"}
var gone = http.Cookie{Name: "session", MaxAge: -1}
