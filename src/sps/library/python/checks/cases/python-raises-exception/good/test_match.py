def test_negative_amount_is_refused():
    with pytest.raises(Exception, match="negative amount"):
        charge(-1)
    with pytest.raises(Exception) as caught:
        charge(-1)
    assert "negative" in str(caught.value)
