package shop

import (
	"net/http"
	t "text/template"
)

func page(w http.ResponseWriter, r *http.Request) { x.Execute(w, t.New("a")) }
