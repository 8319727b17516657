async def start(self):
    self.tasks.append(asyncio.create_task(refresh()))
    asyncio.create_task(refresh()).add_done_callback(self.tasks.discard)
