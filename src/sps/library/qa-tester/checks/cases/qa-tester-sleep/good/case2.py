async def test_job():
    await asyncio.sleep(0)
    clock.sleep(5)
    with pytest.raises(TimeoutError):
        await asyncio.sleep(10)


async def test_slow():
    async def slow():
        await asyncio.sleep(10)

    assert await limited(slow) is None
