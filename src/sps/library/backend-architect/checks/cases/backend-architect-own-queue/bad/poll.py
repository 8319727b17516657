NEXT = """
    SELECT id, payload FROM jobs WHERE state = 'ready'
    ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
