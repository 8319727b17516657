def test_worker_finishes():
    async def test_inner():
        return 1
    assert asyncio.run(test_inner()) == 1
