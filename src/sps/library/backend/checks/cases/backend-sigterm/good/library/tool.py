def create_app(factory):
    """Call FastAPI() later."""
    return factory()
