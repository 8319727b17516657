def test_job():
    start()
    time.sleep(2)
    assert done()
