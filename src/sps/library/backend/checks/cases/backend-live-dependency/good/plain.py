@app.get("/health/live")
async def live():
    return {"status": "ok"}
