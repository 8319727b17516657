def test_cache_expires(clock):
    cache.put("a", 1)
    clock.advance(2)
    assert cache.get("a") is None
