@app.get("/health/ready")
async def ready():
    await db.execute("select 1")
    return {"status": "ok"}
