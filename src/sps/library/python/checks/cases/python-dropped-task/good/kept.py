async def start(self):
    task = asyncio.create_task(refresh())
    self.tasks.add(task)
    task.add_done_callback(self.tasks.discard)
