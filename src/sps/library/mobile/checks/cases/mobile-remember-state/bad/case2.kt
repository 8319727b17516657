@Composable
private fun Counter() {
    val count = mutableIntStateOf(0)
    Text("${count.intValue}")
}
