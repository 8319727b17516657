def withdraw(amount: int) -> None:
    assert amount > 0, "amount must be positive"
    book(-amount)
