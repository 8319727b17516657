import asyncio

inbox = asyncio.Queue(maxsize=0)
