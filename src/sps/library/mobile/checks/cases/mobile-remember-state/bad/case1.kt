@Composable
fun Search() {
    var query by mutableStateOf("")
    TextField(value = query, onValueChange = { query = it })
}
