import asyncio


async def handle(self, order):
    task = asyncio.create_task(send_mail(order))
    self.tasks.add(task)
    task.add_done_callback(self.tasks.discard)
