def test_second_login_ends_the_first_session():
    first = login(user)
    login(user)
    assert not is_valid(first.token)
