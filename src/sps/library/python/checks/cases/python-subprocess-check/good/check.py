def build():
    subprocess.run(["make", "all"], check=True)
    subprocess.run(["pkill", "old"], check=False)
    subprocess.check_call(["make"])
