package shop

func f(name string) template.HTML {
	return template.HTML(fmt.Sprintf("<b>%s</b>", name))
}
