import os
import subprocess

CLEAR = "clear"
os.system(CLEAR)
subprocess.run("ulimit -n", shell=True, check=True)
