def orders(client):
    try:
        return client.orders()
    except ConnectionError as err:
        raise OrdersUnavailable from err
