class SearchModel : ViewModel() {
    var query by mutableStateOf("")
    fun reset() {
        val fresh = mutableStateOf("")
        use(fresh)
    }
}
