def test_ok():
    assert run() is True
    assert run() == 1, "one"
