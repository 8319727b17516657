export(report, overwrite=True)
enable(True)
