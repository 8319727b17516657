def test_job():
    while not done():
        time.sleep(0.01)
    assert done()
