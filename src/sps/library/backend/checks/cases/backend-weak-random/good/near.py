import random

delay = random.uniform(0, 2)
token_position = 3
sample = random.sample(range(10), 3)
