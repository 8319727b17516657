settings.get("debug", False)
setattr(x, "y", True)
Case("x", True)
