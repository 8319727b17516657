label = Markup("<b>%s</b>" % name)
