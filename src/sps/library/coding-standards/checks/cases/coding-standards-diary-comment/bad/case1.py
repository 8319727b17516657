# Changed to use a set for speed
seen = set()
