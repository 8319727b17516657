def unpack(path):
    archive = tarfile.open(path, "r:gz")
    archive.extractall()
