def test_negative_amount_is_refused():
    with pytest.raises(Exception):
        charge(-1)
