Path("run.sh").chmod(0o666)
