rows = users.find({"$where": "this.a == this.b"})
