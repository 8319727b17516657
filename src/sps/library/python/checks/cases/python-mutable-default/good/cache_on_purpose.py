def fib(n, _cache={0: 0, 1: 1}):
    return _cache[n]

def total(rates: Mapping[str, int] = {}) -> int:
    return collect(1, into=[])
