label = Markup("<b>%s</b>") % name
other = mark_safe(f"<b>{escape(name)}</b>")
row = mark_safe(rendered)
