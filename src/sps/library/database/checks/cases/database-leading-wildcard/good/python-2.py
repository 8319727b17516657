rows = session.query(User).filter(User.name.like(f"{term}%"))
rows = User.objects.filter(name__istartswith=term, tags__contains=["a"])
text = "it looks like 100% of them"
