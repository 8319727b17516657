const rows = await users.find({ $where: "this.a == this.b" });
