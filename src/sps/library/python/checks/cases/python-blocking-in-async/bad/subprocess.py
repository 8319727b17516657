async def build(path):
    return subprocess.run(["make", path], check=True)
