rows = users.find({'name': 'x', '$where': code})
