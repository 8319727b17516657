from fastapi import FastAPI

app = FastAPI()

from contextlib import asynccontextmanager


@asynccontextmanager
async def lifespan(app):
    yield
    await pool.close()
