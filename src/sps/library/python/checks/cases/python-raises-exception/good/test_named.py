def test_negative_amount_is_refused():
    with pytest.raises(InvalidAmount, match="negative"):
        charge(-1)
