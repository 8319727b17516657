class SlowTest {
    @Test
    void timesOut() {
        assertThrows(TimeoutException.class, () -> run(() -> Thread.sleep(10_000)));
    }

    private void slow() throws Exception {
        Thread.sleep(10);
    }
}
