def pay(order):
    try:
        charge(order)
    except ChargeError as err:
        print(err)
        raise
