async def stop(task):
    task.cancel()
    try:
        await task
    except BaseException:
        pass
