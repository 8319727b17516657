package shop

func f(s string) template.HTML {
	return template.HTML(policy.Sanitize(s))
}
