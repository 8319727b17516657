from fastapi import FastAPI

app = FastAPI()

app.add_middleware(CorrelationIdMiddleware, header_name="X-Request-ID")
