@Composable
fun Orders(orders: List<Order>) {
    LazyColumn {
        items(orders, key = { it.id }) { order -> OrderRow(order) }
    }
}
