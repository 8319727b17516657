for name in table.keys():
    print(name)
found = store.keys("plain")
