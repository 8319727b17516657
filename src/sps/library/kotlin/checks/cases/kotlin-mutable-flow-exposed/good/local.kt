class FakeCart {
    val state = MutableStateFlow(Cart())
}

fun flow(): Flow<Int> {
    val state = MutableStateFlow(1)
    return state
}
