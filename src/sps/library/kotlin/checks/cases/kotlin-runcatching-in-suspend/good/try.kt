suspend fun load(id: String): Order? = try {
    client.load(id)
} catch (e: IOException) {
    null
}
