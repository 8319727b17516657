@Composable
fun Search() {
    var query by rememberSaveable { mutableStateOf("") }
    val open = remember { mutableStateOf(false) }
    TextField(value = query, onValueChange = { query = it })
}
