package web

var c = &http.Cookie{Name: "session", Value: id}
