def test_cache_expires():
    cache.put("a", 1)
    time.sleep(2)
    assert cache.get("a") is None
