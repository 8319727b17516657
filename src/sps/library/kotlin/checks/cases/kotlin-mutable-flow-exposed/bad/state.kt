class CartModel {
    val state = MutableStateFlow(Cart())
}
