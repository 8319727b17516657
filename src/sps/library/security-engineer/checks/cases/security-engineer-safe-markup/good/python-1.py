label = format_html("<b>{}</b>", user.name)
line = mark_safe("<br>")
