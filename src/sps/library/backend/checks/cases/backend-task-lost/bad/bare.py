import asyncio


async def handle(order):
    asyncio.create_task(send_mail(order))
