class Saver(private val scope: CoroutineScope) {
    fun save(order: Order) {
        scope.launch { store.save(order) }
    }
}
