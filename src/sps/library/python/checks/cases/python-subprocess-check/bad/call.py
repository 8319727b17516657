def build(path):
    subprocess.call(["make", "all"], cwd=path)
