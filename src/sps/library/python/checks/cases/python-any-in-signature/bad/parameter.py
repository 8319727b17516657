def store(key: str, value: Any) -> None:
    data[key] = value
