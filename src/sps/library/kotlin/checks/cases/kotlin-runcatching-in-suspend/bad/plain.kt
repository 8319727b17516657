suspend fun load(id: String): Result<Order> = runCatching { client.load(id) }
