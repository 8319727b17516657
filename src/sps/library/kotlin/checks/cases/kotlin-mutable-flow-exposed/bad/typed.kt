class CartModel {
    val events: MutableSharedFlow<Event> = MutableSharedFlow()
}
