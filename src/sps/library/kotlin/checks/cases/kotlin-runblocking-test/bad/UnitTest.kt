class UnitTest {
    @Test
    fun `retries once`() = runBlocking<Unit> {
        client.send()
    }
}
