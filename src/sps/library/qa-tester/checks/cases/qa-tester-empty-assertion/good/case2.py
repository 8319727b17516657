def test_more():
    assert (run() == 1), "x"
    assert run(True)
    assert 1 == count
    assert True == run()
    assert value == value
