import asyncio


async def handle(orders):
    async with asyncio.TaskGroup() as group:
        for order in orders:
            group.create_task(send_mail(order))
    await asyncio.create_task(close())
