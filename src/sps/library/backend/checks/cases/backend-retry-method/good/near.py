router = Router(allowed_methods=["GET", "POST"])
