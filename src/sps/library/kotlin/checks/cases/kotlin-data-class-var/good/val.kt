data class Order(val id: String, val total: Int)
