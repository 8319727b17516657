async def test_worker_finishes():
    worker.start()
    await asyncio.sleep(0.5)
    assert worker.done
