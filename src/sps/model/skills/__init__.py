"""Skills as values: their files, their text, their lock, their checks. Nothing here reads a disk."""
