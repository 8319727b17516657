package shop

import "text/template"

func code(w io.Writer) error {
	return template.Must(template.New("a").Parse(a)).Execute(w, nil)
}
