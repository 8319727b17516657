async def start(loop):
    asyncio.ensure_future(refresh(), loop=loop)
    asyncio.get_running_loop().create_task(other())
