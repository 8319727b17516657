import asyncio
import queue

inbox = queue.Queue(maxsize=1000)
other = asyncio.Queue(100)
