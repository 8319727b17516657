rows = users.find({"$expr": {"$eq": ["$a", "$b"]}})
