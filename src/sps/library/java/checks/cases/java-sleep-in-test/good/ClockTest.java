class ClockTest {
    @Test
    void expires() {
        cache.put("a", 1);
        clock.advance(Duration.ofSeconds(2));
        assertNull(cache.get("a"));
    }
}
