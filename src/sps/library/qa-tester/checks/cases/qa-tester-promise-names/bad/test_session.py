def test_session_2():
    assert login(user).token != login(user).token
