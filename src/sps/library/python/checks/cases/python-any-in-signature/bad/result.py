class Reader:
    def read(self, key: str) -> typing.Any:
        return self.data[key]
