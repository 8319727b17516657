async def test_worker_finishes():
    assert await run() == 1
