class OrdersViewModel(private val repo: Orders) : ViewModel() {
    fun load() {
        val orders = runBlocking { repo.all() }
        show(orders)
    }
}
