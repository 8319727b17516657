async def start():
    async with asyncio.TaskGroup() as group:
        group.create_task(refresh())
    await asyncio.create_task(other())
    return asyncio.create_task(last())
