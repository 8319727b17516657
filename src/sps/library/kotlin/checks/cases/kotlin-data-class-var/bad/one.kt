data class Order(val id: String, var total: Int)
