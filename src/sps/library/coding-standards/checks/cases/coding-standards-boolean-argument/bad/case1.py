export(report, True)
