def main():
    asyncio.run(serve())
