from pytest import raises

def test_negative_amount_is_refused():
    with raises(BaseException), clock():
        charge(-1)
