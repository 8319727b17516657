suspend fun load(id: String): Order = withContext(Dispatchers.IO) {
    store.load(id)
}
