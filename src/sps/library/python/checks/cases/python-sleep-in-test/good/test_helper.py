async def test_worker_finishes():
    await asyncio.sleep(0)
    def slow():
        time.sleep(10)
    while not worker.done:
        time.sleep(0.01)
    assert worker.run(slow).timed_out
