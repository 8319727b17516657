from functools import lru_cache


class Rates:
    @lru_cache(maxsize=None)
    def rate(self, code: str):
        return self.load(code)
