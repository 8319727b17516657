async def test_job():
    await asyncio.sleep(0.5)
    assert done()
