class Store:
    def load(self, key: str, options: dict[str, int] = {}) -> int:
        return options.setdefault(key, 0)
