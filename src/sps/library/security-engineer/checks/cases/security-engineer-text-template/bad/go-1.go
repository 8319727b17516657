package shop

import "text/template"

func page(w http.ResponseWriter, r *http.Request) {
	template.Must(template.New("a").Parse(a)).Execute(w, r.URL)
}
