const rows = await users.find({ $expr: { $eq: ["$a", "$b"] } });
