@Composable
fun Grid(photos: List<Photo>) {
    LazyVerticalGrid(columns = cells) {
        itemsIndexed(photos) { index, photo -> Tile(photo, index) }
    }
}
