def test_b():
    pytest.skip()


@pytest.mark.skipif(sys.platform == "win32")
def test_c():
    assert run()
