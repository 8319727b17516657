import subprocess


def pack(argv):
    subprocess.run(argv, check=True)
