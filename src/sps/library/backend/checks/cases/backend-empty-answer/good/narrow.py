def words(path):
    try:
        return path.read_text().split()
    except FileNotFoundError:
        return []
