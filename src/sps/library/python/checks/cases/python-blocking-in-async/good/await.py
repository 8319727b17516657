async def poll(job):
    while not job.done:
        await asyncio.sleep(1)
    await asyncio.to_thread(time.sleep, 1)
