from functools import cache, cached_property


@cache
def settings():
    return load()


class Rates:
    @cached_property
    def all(self):
        return load()
