package shop

import "html/template"

func page(w http.ResponseWriter, r *http.Request) {
	template.Must(template.New("a").Parse(a)).Execute(w, r.URL)
}
