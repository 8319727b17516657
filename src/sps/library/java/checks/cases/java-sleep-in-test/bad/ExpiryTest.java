class ExpiryTest {
    @Test
    void expires() throws Exception {
        cache.put("a", 1);
        Thread.sleep(2000);
        assertNull(cache.get("a"));
    }
}
