class CartModel {
    private val _state = MutableStateFlow(Cart())
    val state: StateFlow<Cart> = _state.asStateFlow()
    val total: StateFlow<Int> = MutableStateFlow(0)
}
