package shop

func f() template.HTML {
	return template.HTML("<br>")
}
