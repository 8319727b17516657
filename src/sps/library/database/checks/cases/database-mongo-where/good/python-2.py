text = "$where"
rows = users.find({"where": 1})
