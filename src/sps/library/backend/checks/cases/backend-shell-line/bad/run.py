import subprocess


def pack(command):
    subprocess.run(command, shell=True, check=True)
