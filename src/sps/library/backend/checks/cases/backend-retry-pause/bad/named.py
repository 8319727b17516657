import asyncio

RETRY_DELAY = 2


async def rate(client):
    while True:
        try:
            return await client.rate()
        except ConnectionError:
            await asyncio.sleep(RETRY_DELAY)
