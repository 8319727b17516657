def load(key: str, names: tuple[str, ...] = (), kinds=frozenset({"a"}), mode: str = "r") -> int:
    return len(names)
