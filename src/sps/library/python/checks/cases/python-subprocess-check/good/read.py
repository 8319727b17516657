def build(options):
    done = subprocess.run(["make", "all"])
    subprocess.run(["make"], **options)
    return done.returncode
