def claim():
    """Emit SELECT id FROM jobs FOR UPDATE SKIP LOCKED for the caller."""
