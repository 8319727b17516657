# As requested, the limit is 5
limit = 5
