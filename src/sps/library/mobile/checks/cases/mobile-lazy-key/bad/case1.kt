@Composable
fun Orders(orders: List<Order>) {
    LazyColumn {
        items(orders) { order -> OrderRow(order) }
    }
}
