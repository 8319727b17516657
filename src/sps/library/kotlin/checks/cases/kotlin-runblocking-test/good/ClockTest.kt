class ClockTest {
    @Test
    fun retries() = runTest {
        assertEquals(2, client.send())
    }
}
