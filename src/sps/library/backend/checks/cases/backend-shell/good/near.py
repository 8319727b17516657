import os
import subprocess

subprocess.run("ulimit -n", shell=True, check=True)
os.system("clear")
engine.run(query, shell=False)
