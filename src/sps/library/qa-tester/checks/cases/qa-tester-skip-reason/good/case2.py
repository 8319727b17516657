@unittest.skip("#12 provider")
def test_b():
    pytest.skip("no database")


@skip_if_slow
def test_c():
    stream.skip()
