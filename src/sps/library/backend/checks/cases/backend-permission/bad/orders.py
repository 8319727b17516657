@app.get("/orders/{order_id}")
def order(order_id: str, user: User):
    return orders.get(order_id)
