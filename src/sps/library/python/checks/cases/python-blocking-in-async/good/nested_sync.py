async def poll(job):
    def wait():
        time.sleep(1)
    await asyncio.to_thread(wait)
    await asyncio.to_thread(lambda: requests.get("http://localhost", timeout=1))
