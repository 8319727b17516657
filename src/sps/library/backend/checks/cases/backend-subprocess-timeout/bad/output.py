import subprocess

out = subprocess.check_output(["convert", "in.png", "out.jpg"])
