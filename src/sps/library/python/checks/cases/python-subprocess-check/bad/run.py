def build():
    subprocess.run(["make", "all"])
