label = mark_safe("<i>{}</i>".format(comment.text))
