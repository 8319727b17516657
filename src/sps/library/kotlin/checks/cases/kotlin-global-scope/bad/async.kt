fun load(id: String) = GlobalScope.async(Dispatchers.IO) {
    store.load(id)
}
