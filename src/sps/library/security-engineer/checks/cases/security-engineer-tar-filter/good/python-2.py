with zipfile.ZipFile(path) as archive:
    archive.extractall(target)
with tarfile.open(path) as tar:
    tar.extractall(target, members=checked(tar))
