async def start():
    asyncio.create_task(refresh())
