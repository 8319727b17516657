class Cart {
    val first = items.firstOrNull()!!
}
