app.add_middleware(SessionMiddleware, secret_key=settings.key)
