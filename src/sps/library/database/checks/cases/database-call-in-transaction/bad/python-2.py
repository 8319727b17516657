async def pay(session):
    async with session.begin():
        session.add(order)
        if order.paid:
            httpx.post(url, json=body, timeout=5)
