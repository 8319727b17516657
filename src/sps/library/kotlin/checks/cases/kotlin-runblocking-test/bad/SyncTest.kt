class SyncTest {
    @Test
    fun retries() = runBlocking {
        assertEquals(2, client.send())
    }
}
