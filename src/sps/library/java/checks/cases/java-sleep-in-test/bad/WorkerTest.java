class WorkerTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void finishes(int count) throws Exception {
        worker.start(count);
        TimeUnit.SECONDS.sleep(1);
        assertTrue(worker.done());
    }
}
