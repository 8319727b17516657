suspend fun load(id: String): Order {
    return runBlocking { store.load(id) }
}
