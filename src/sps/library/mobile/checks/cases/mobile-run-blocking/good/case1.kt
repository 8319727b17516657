class OrdersViewModel(private val repo: Orders) : ViewModel() {
    fun load() {
        viewModelScope.launch { show(repo.all()) }
    }
}
