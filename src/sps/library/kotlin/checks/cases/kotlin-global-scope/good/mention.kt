import kotlinx.coroutines.GlobalScope

// GlobalScope.launch is not used here
suspend fun load(id: String) = coroutineScope {
    async { store.load(id) }.await()
}
