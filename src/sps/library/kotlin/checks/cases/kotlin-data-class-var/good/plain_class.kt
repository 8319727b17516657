class Counter(var count: Int) {
    data class Row(val id: String) {
        var cached: Int = 0
    }
}
