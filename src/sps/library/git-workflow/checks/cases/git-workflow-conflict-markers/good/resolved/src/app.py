LIMIT = 6
SHIFT = 1 << 7
"""
=======
Title
=======
"""
