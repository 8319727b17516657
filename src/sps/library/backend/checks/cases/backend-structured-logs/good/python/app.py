from fastapi import FastAPI

app = FastAPI()

import structlog

structlog.configure(processors=[structlog.processors.JSONRenderer()])
