def pay(order):
    return JSONResponse({"error": "closed"}, status_code=200)
