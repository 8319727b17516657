def pay(order):
    if order.error:
        return {"error": "closed"}, 409
    return JSONResponse({"id": order.id}, status_code=200)
