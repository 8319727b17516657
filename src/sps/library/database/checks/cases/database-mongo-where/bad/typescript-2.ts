const rows = await users.find({ "$where": code, name });
