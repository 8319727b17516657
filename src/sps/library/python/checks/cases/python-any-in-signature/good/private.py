def _store(key: str, value: Any) -> None:
    data[key] = value

class Box:
    def __eq__(self, other: Any) -> bool:
        return True
