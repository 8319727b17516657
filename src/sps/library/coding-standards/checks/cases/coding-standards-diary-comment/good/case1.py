# A set: membership is asked for each row
seen = set()
