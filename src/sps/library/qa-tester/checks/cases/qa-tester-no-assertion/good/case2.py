def test_refuses():
    with pytest.raises(ValueError):
        login("", "")


def test_round():
    check_roundtrip("x")


def make_user():
    return User()
