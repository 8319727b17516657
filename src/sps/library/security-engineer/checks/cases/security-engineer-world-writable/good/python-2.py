os.chmod(path, 0o1777)
os.makedirs(path, 0o777)
size = 0o777
