from fastapi import FastAPI

app = FastAPI()

from prometheus_client import make_asgi_app

app.mount("/metrics", make_asgi_app())
