def test_login():
    user = login("a", "b")
    print(user)
