import random

reset_token = "".join(random.choices("abcdef0123456789", k=32))
