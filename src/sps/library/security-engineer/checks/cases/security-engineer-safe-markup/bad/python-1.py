label = mark_safe(f"<b>{user.name}</b>")
