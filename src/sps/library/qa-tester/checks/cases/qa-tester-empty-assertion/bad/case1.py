def test_ok():
    run()
    assert True
