"""Skills as values: files, text, lock, checks. Nothing here reads a disk."""
