x = [1 if a else 2 for a in b] if b else 3
