class HelperTest {
    @AfterTest
    fun close() = runBlocking { server.stop() }

    @Test
    fun plain() {
        assertEquals(1, one())
    }
}
