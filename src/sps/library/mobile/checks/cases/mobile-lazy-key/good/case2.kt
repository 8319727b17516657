@Composable
fun Bones() {
    LazyColumn {
        item { Header() }
        items(5) { Skeleton() }
        items(count = rows.size) { Skeleton() }
    }
    items(orders) { x -> y(x) }
}
