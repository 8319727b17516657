class Loader {
    override suspend fun load(ids: List<String>) {
        ids.forEach { id -> runBlocking(Dispatchers.IO) { store.load(id) } }
    }
}
