@app.get("/health/live")
async def live():
    await db.execute("select 1")
    return {"status": "ok"}
