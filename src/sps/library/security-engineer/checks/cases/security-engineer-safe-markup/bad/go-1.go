package shop

func f(name string) template.HTML {
	return template.HTML("<b>" + name + "</b>")
}
