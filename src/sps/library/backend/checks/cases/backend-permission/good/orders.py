@app.get("/orders/{order_id}")
def order(order_id: str, user: User):
    found = orders.get(order_id)
    allow(user, "read", found)
    return found
