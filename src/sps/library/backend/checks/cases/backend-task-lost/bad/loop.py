import asyncio


def handle(order):
    asyncio.get_event_loop().create_task(send_mail(order))
