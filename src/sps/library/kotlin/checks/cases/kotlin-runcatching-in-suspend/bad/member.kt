class Loader {
    suspend fun load(id: String): Order? {
        return runCatching { client.load(id) }.getOrNull()
    }
}
