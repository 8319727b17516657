import subprocess


def pack(path):
    subprocess.run(f"tar czf out.tgz {path}", shell=True, check=True)
