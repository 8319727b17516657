import uvicorn

uvicorn.run(app, host=settings.host, port=8000)
server.bind(("127.0.0.1", 9000))
